package ogen

//go:generate go tool ogen -target api -package api -clean -config ogen.yml openapi.yaml
