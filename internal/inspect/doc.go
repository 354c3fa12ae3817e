// Package inspect answers what operators ask about a running deployment: why
// a request was refused, what a principal may do, and who changed what. It
// shows every account, so it is mounted where operators alone get to: on a
// server's admin address, and in development mode for programs on the same
// machine.
package inspect
