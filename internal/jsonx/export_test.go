package jsonx

// DecodeCompiled is the compiled decoder alone.
func (d *Decoder) DecodeCompiled(body []byte, dst any) bool {
	return d.compiled(new(cursor), body, dst)
}

// DecodeLibrary is json v2 alone.
func (d *Decoder) DecodeLibrary(body []byte, dst any) *Error { return d.library(body, dst) }

// Compiled reports whether there is a compiled decoder.
func (d *Decoder) Compiled() bool { return d.read != nil }
