//go:build tools

package judges

// The client that TestGoClient generates needs it.
import _ "github.com/oapi-codegen/runtime"
