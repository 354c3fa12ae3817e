// Package authorize is the door for services that are not part of Cenote and
// want to honour its credentials. Such a service asks, about a request that it
// has received: who signed it, and may they do this?
//
// A question proves two signatures, and says which one failed. The outer one
// is the asking service's own, over the question; its permission
// cenote:Authorize is checked for the resource asked about. The inner one is
// that of the service's client. It is recomputed from what the service says it
// received, so a service that lies deceives only itself: it learns nothing
// about a caller who has not signed something for it by the name in the
// signature's scope.
//
// The resource belongs to the account of whoever asks. A service of one account
// can so neither grant nor probe anything of another's; callers of other
// accounts need a policy of the resource beside their own, as everywhere in
// IAM.
//
// Condition keys that tell who the caller is, or how and when the request
// came, are Cenote's to fill in. The question may add those of its own
// service and the tags of the resource and of the request.
//
// Nothing is cached here, and nothing is written.
package authorize
