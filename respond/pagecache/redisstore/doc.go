// Package redisstore is a page store on a Redis or Valkey server that several machines
// share. It keeps on all of them what one process promises: when Revalidate has returned
// nil, no request that begins afterwards, on any machine, is answered with the old page.
//
//	store, err := redisstore.Open(rueidis.ClientOption{InitAddress: []string{"redis:6379"}},
//		&redisstore.Options{Prefix: "blog"})
//	// ... errors say which option is wrong
//	pages := pagecache.New(store, nil) // closes it
//
// Redis 7 or Valkey 7.2 is needed, or a later one: one server, a primary with replicas
// under Sentinel, or a Cluster.
//
// # How the promise is kept
//
//  1. Each node keeps pages in memory, and the versions of all paths and tags that were
//     revalidated lately. A page has a token from the server, which orders it with them.
//  2. A node judges pages only while it holds a lease. It asks for one every quarter of
//     [Options.Lease]; the answer brings the bumps that the node lacks.
//  3. A bump is appended to a log on the server, which tells the nodes. It returns when
//     each node has acknowledged it, or when the lease of a silent one has run out.
//  4. The control state on the server is one hash and one stream. If they are missing, not
//     whole, or of another run of the server, a new epoch begins: all pages are old, and
//     the first bump waits until the leases of the earlier epoch have run out. So a
//     restart, a failover to a replica that lags, FLUSHALL and eviction cost renders, and
//     no old page.
//  5. Messages only save time. What is lost, comes with the next beat.
//
// # What a fault costs
//
// Reads do not fail because of the server. A node without a lease renders; so does
// one whose server does not answer, and after a call that got no answer in time the
// server is left alone until it answers again. Revalidate returns an error then. The log
// says what is wrong and what to do about it.
//
// # What is not promised
//
// A primary that lives on after a replica was promoted accepts bumps that the others do not
// see; min-replicas-to-write prevents that. Within their time to live, pages of two nodes
// may differ in age. The guide "Several machines" has the settings of the server.
package redisstore
