// Package diskstore is a page store in one file, so that pages survive a restart:
//
//	store, err := diskstore.Open("/var/lib/blog/pages.db", nil)
//	// ... errors say why the file cannot be used
//	pages := pagecache.New(store, nil) // closes it
//
// Pages are written together every 50 milliseconds; what Revalidate, ExpireTag and
// RevalidateTag have done is on the disk when they return. A process that is killed
// loses at most the pages of the last 50 milliseconds, which are rendered again. One
// process opens a file at a time.
//
// # Damage
//
// The database under it, bbolt, maps the file into memory and trusts what it finds there:
// a wrong number can end the process. So [Open] first reads the file and proves that it
// is one that bbolt and this package have written: every page is used once or free, every
// number, key and name is in its place, the list of free pages is right, and so are the
// order of the pages and the marks of what was expired. If anything is not, the file is
// put aside (name.damaged) for a new one, with a line in the log: it is a cache. The page
// bodies are not read for that. Each page has a checksum, and a damaged one is a miss.
//
// The check takes about as long as reading the file from front to back, a part of it
// twice: 0.12 s for 100 000 pages of 2 KB in the system's cache. It does not watch over a
// file that is open. Where bbolt panics because a disk changes bytes under a running process,
// or somebody writes to the file or cuts it off, the store does not call it again: pages in
// memory are still served, everything else is an error, and the log says so, until the
// process is started again. What bbolt does not notice can still harm the process.
//
// The file grows to about twice Options.MaxBytes and does not shrink. When the disk is
// full, pages are rendered and not kept, Revalidate says so, and the log as well, until
// there is space again.
package diskstore
