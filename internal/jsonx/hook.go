package jsonx

import (
	"errors"
	"sync"

	"github.com/go-json-experiment/json"
)

// formatTags turns the option format of json tags on; nil where json v2 does not know
// it. A toolchain built with GOEXPERIMENT=jsonv2 has json v2 within, in Go 1.26 an
// older one that panics at the option.
var formatTags = sync.OnceValue(func() (on json.Options) {
	defer func() {
		if recover() != nil {
			on = nil
		}
	}()
	return json.JoinOptions(json.ExperimentalSupportFormatTag(true))
})

// errToolchain refuses every type, because some would be read and written in other
// ways than documents say.
var errToolchain = errors.New("this program was built with GOEXPERIMENT=jsonv2 by a Go release whose json v2 is older than the one that this module needs: build it without")

// encodeHook returns the option that json v2 needs to encode the types that a saw,
// or nil.
func (a *audit) encodeHook() json.Options {
	var hooks []*json.Marshalers
	switch {
	case a.dynamic || (a.plain && a.format):
		hooks = append(hooks, json.MarshalToFunc(writeDurationOrFormat))
	case a.plain:
		hooks = append(hooks, json.MarshalToFunc(writeDuration))
	}
	if a.dynamic || a.number {
		hooks = append(hooks, json.MarshalToFunc(writeNumber))
	}
	if hooks == nil {
		return nil
	}
	return json.WithMarshalers(json.JoinMarshalers(hooks...))
}

// decodeHook returns the option that json v2 needs to decode the types that a saw,
// or nil. What an any is decoded to needs none.
func (a *audit) decodeHook() json.Options {
	var hooks []*json.Unmarshalers
	switch {
	case a.coder || (a.plain && a.format):
		hooks = append(hooks, json.UnmarshalFromFunc(readDurationOrFormat))
	case a.plain:
		hooks = append(hooks, json.UnmarshalFromFunc(readDuration))
	}
	if a.coder || a.number {
		hooks = append(hooks, json.UnmarshalFromFunc(readNumber))
	}
	if hooks == nil {
		return nil
	}
	return json.WithUnmarshalers(json.JoinUnmarshalers(hooks...))
}
