module github.com/apiroutes/apiroutes/examples/tools

go 1.26.0

require (
	github.com/apiroutes/apiroutes v0.0.0-20261130040334-2ebb2cb2d8f6
	github.com/apiroutes/apiroutes/adapter/mcpadapter v0.0.0-20261130040334-2ebb2cb2d8f6
	github.com/modelcontextprotocol/go-sdk v1.8.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/apiroutes/apiroutes/typed/typedtest v0.0.0-20261130040334-2ebb2cb2d8f6
	github.com/gabriel-vasile/mimetype v1.4.16 // indirect
	github.com/go-json-experiment/json v0.0.0-20260820222146-c27c302e5fc3 // indirect
	github.com/go-playground/locales v0.14.2 // indirect
	github.com/go-playground/universal-translator v0.18.2 // indirect
	github.com/go-playground/validator/v10 v10.30.6 // indirect
	github.com/google/jsonschema-go v0.4.3 // indirect
	github.com/leodido/go-urn v1.5.0 // indirect
	github.com/maypok86/otter/v2 v2.4.0 // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	github.com/segmentio/asm v1.1.3 // indirect
	github.com/segmentio/encoding v0.5.4 // indirect
	github.com/yosida95/uritemplate/v3 v3.0.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/oauth2 v0.35.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/time v0.15.0 // indirect
)

replace (
	github.com/apiroutes/apiroutes => ../..
	github.com/apiroutes/apiroutes/adapter/mcpadapter => ../../adapter/mcpadapter
	github.com/apiroutes/apiroutes/typed/typedtest => ../../typed/typedtest
)
