// Package diskstore is a page store in one file, so that pages survive a restart:
//
//	store, err := diskstore.Open("/var/lib/blog/pages.db", nil)
//	...
//	pages := pagecache.New(store, nil) // closes it
//
// Pages are written together every 50 milliseconds; what Revalidate, ExpireTag and
// RevalidateTag have done is on the disk when they return. A process that is killed
// loses at most the pages of the last 50 milliseconds, which are rendered again. Every
// page has a checksum, a damaged one is a miss, and a file that cannot be read at all
// is put aside (name.damaged) for a new one: it is a cache. One process opens a file at
// a time.
//
// The file grows to about twice Options.MaxBytes and does not shrink. When the disk is
// full, pages are rendered and not kept, Revalidate says so, and the log as well, until
// there is room again.
package diskstore
