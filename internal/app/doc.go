// Package app puts a deployment together: settings, store, domains, doors,
// servers and background loops, in this order. It is the one package that
// knows all others.
package app
