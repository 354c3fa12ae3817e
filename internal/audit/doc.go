// Package audit says what is recorded of a change: what was done, by whom and
// to what.
//
// A record is a row, written by the store in the transaction that it describes:
// there is no change without its record and no record of a change that did not
// happen. Records never hold secrets or names of users.
package audit
