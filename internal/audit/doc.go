// Package audit records what was done, by whom and to what.
//
// A record is a row, written in the transaction that it describes: there is no
// change without its record and no record of a change that did not happen.
// Records never hold secrets; names of users are data of the account that owns
// them and stay inside it.
package audit
