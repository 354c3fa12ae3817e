// Package store keeps the deployment's rows, on SQLite or on PostgreSQL, with
// one SQL text for both.
//
// # What it promises
//
// A write that was acknowledged survives a crash of the process and of the
// machine. A [DB.Tx] is atomic and serializable on both engines. A read
// outside of a Tx sees committed rows only.
//
// SQLite has one writer. Concurrent transactions are gathered and run one
// after another, each in its own savepoint, under a single commit and a single
// flush to disk (see writer.go); readers have connections of their own and
// never wait for it. PostgreSQL runs transactions side by side as SERIALIZABLE
// and the losers of a conflict are run again.
//
// # Rules for a Tx
//
//   - The closure is replayable: it may run several times before it commits.
//     It sends no mail, makes no HTTP call, runs no slow cryptography, and sets
//     outer variables only by plain assignment. Ids and times are computed
//     before it. What must happen once, happens in [AfterCommit].
//   - The transaction travels in the context: pass on the one that the closure
//     received. A nested Tx joins the outer one, and an error that it returned
//     dooms the outer one too.
//   - An error of a statement dooms the Tx, even if the closure goes on and
//     returns nil: PostgreSQL would refuse the next statement, so SQLite does
//     as well. To insert what may exist, write ON CONFLICT DO NOTHING and look
//     at the number of rows.
//   - Once the closure has begun, the caller waits for the outcome, which is
//     bounded by one batch; a context that ends before that withdraws it.
//
// # Adding an entity
//
// One file an entity and one migration a domain.
//
//  1. The domain package declares its own type and a small interface of what it
//     needs. This package implements it on a view: type Groups struct{ db *DB }
//     and func (db *DB) Groups() *Groups.
//  2. The table goes to migrations/NNNN_name.sql. Types are TEXT, BIGINT,
//     BOOLEAN and BYTEA. The owner's id (account, pool) comes first in every
//     primary key and index; regional rows have a region column; rows that are
//     updated have version BIGINT. Each statement ends with a semicolon at the
//     end of a line. Parents are created before the tables that refer to them.
//     No sequences, triggers, deferred constraints, or indexes on expressions.
//  3. Statements use $1 placeholders and name their columns. Write with
//     [DB.exec] (joins the Tx of the context, or is one of its own), change a
//     versioned row with [DB.execOne], read with [one] and [many], which map an
//     empty result to fs.ErrNotExist and a broken unique constraint to a
//     [ConflictError], which is fs.ErrExist.
//  4. Times are stored as microseconds with [micros] and read with [fromMicros];
//     documents with [encodeDoc] and [decodeDoc]; lists are paged by
//     key: the rows that come after the last one seen, one more than asked for.
//  5. What is secret is sealed with db.Ring() before it is written, with
//     [sealedFor] (table, owner, row) as associated data.
//  6. Tests run on every engine through storetest.Each.
package store
