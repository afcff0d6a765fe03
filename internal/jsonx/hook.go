package jsonx

import "github.com/go-json-experiment/json"

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
