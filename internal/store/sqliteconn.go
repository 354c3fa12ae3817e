package store

import (
	"context"
	"database/sql/driver"
	"io"
)

// statementCache opens SQLite connections that prepare each statement once.
// The driver by itself parses the text at every call, which costs more than
// most of our statements do.
type statementCache struct {
	driver driver.Driver
	name   string
}

func newStatementCache(d driver.Driver, name string) driver.Connector {
	return &statementCache{driver: d, name: name}
}

func (c *statementCache) Driver() driver.Driver { return c.driver }

func (c *statementCache) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.name)
	if err != nil {
		return nil, err
	}
	return &cachedConn{sqliteConn: conn.(sqliteConn), statements: make(map[string]*cachedStmt)}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// maxStatements bounds the cache. Texts are constants of this package but for
// a few with a varying number of placeholders.
const maxStatements = 512

// cachedConn is used by one goroutine at a time, as database/sql guarantees.
type cachedConn struct {
	sqliteConn
	statements map[string]*cachedStmt
}

type cachedStmt struct {
	stmt driver.Stmt
	busy bool // its rows are being read
}

// take returns the statement for a text. While its rows are being read, the
// same text gets a second statement, which lives for one call.
func (c *cachedConn) take(ctx context.Context, query string) (*cachedStmt, error) {
	cached := c.statements[query]
	if cached != nil && !cached.busy {
		cached.busy = true
		return cached, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &cachedStmt{stmt: stmt, busy: true}
	if cached == nil {
		c.makeRoom()
		c.statements[query] = s
	}
	return s, nil
}

func (c *cachedConn) makeRoom() {
	if len(c.statements) < maxStatements {
		return
	}
	for text, s := range c.statements {
		if !s.busy {
			s.stmt.Close()
			delete(c.statements, text)
		}
	}
}

func (c *cachedConn) give(query string, s *cachedStmt) error {
	s.busy = false
	if c.statements[query] != s {
		return s.stmt.Close()
	}
	return nil
}

func (c *cachedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	defer c.give(query, s)
	return s.stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (c *cachedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		c.give(query, s)
		return nil, err
	}
	return &cachedRows{Rows: rows, conn: c, query: query, stmt: s}, nil
}

func (c *cachedConn) Close() error {
	for _, s := range c.statements {
		s.stmt.Close()
	}
	clear(c.statements)
	return c.sqliteConn.Close()
}

type cachedRows struct {
	driver.Rows
	conn  *cachedConn
	query string
	stmt  *cachedStmt
}

func (r *cachedRows) Close() error {
	if r.stmt == nil {
		return nil
	}
	err := r.Rows.Close()
	if err2 := r.conn.give(r.query, r.stmt); err == nil {
		err = err2
	}
	r.stmt = nil
	return err
}

func (r *cachedRows) Next(dest []driver.Value) error {
	if r.stmt == nil {
		return io.EOF
	}
	return r.Rows.Next(dest)
}
