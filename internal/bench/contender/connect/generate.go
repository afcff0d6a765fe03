package connect

//go:generate go run ./generate
