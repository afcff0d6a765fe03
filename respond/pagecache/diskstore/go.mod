module github.com/apiroutes/apiroutes/respond/pagecache/diskstore

go 1.26.0

require (
	github.com/apiroutes/apiroutes v0.0.0
	github.com/maypok86/otter/v2 v2.4.0
	go.etcd.io/bbolt v1.5.0
)

require golang.org/x/sys v0.49.0 // indirect

replace github.com/apiroutes/apiroutes => ../../..
