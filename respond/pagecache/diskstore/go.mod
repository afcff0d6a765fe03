module github.com/apiroutes/apiroutes/respond/pagecache/diskstore

go 1.26.0

require (
	github.com/apiroutes/apiroutes v0.0.0-20261129040034-ec2b96d5a611
	github.com/maypok86/otter/v2 v2.4.0
	github.com/stretchr/testify v1.12.1
	go.etcd.io/bbolt v1.5.0
	go.uber.org/goleak v1.3.0
)

require (
	github.com/google/go-cmp v0.7.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/apiroutes/apiroutes => ../../..
