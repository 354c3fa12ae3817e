// Package hostedui is the door for people: pages that a browser shows. They
// need no script, load nothing from anywhere, and speak the reader's language.
//
// # Links in messages
//
// A link in an e-mail leads to a page with a button, and the button does what
// the link is for. Opening the link changes nothing: mail servers and mail
// programs open links to look at what is behind them, and a link that works
// once would be used up before its reader sees it.
package hostedui
