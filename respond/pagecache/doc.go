// Package pagecache keeps the pages of GET endpoints and renders them again on time
// or on demand: what res.revalidate(path) does in Next.js.
//
//	pages := pagecache.New(pagecache.Memory(256<<20), nil)
//	defer pages.Close()
//	api := typed.New("Blog", "1.0.0", &typed.Options{Pages: pages})
//	getPost := typed.Get[GetPost, Post]("/posts/{id}", typed.Cache(pagecache.Policy{
//		TTL: time.Minute, StaleWhileRevalidate: 10 * time.Minute, Tags: []string{"posts"}}))
//	// ... and in a handler that changes post 1:
//	err := res.Revalidate(ctx, getPost.Path(GetPost{ID: 1}))
//
// # What happens to a request
//
//  1. The cache reads the parts that make its key: path values, the allow-listed query,
//     the Vary headers. A request that has no key is rendered for itself.
//  2. The [Store] has a page under the key, or not, and says what became of its tags
//     and its path since it was rendered.
//  3. Time and that verdict make one of four states. Fresh: the page is served. Stale:
//     it is served, and one render starts behind the answer. Error-stale: the request
//     waits for a render, and gets the old page if that fails. Gone: it waits.
//  4. All requests of a key wait for one render, which sees the keyed parts only, has
//     a deadline and goes on for as long as one of them waits.
//  5. What may be stored is stored, unless something newer happened to the page since
//     its render began. The page is written, or 304.
//
// # What is promised
//
// Once [Cache.Revalidate], [Cache.ExpireTag] or [Cache.Expire] has returned nil, no
// request that begins later is served what was stored before. A store that fails costs
// time, not answers: its pages are rendered, and the log says so.
package pagecache
