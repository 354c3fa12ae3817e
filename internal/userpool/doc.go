// Package userpool owns user pools and what is configured inside them: app
// clients, the attribute schema, groups, tags and the issuer that a pool's
// tokens name.
//
// A Pool and a Client are values that have been read: they are shared by
// every goroutine that asked for them and never change. An update makes a new
// one. The members that clients set and read back are kept in the API's own
// shapes, so that what was set comes back exactly and what was not set stays
// absent; methods answer what the rest of Cenote wants to know about them.
//
// UpdateUserPool and UpdateUserPoolClient replace: a member that the request
// leaves out returns to its default. What an update cannot reach (the schema,
// aliases, username attributes, case sensitivity) is fixed at creation.
//
// Some settings have no behaviour behind them yet. They are kept and returned
// where leaving them without effect is harmless; they are refused where it is
// not; and where a pool must be describable but nobody may be let in past the
// setting, the Check methods of Pool say no. docs/divergences.md lists them.
package userpool
