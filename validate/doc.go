// Package validate runs validator/v10 on struct tags, made safe and fast.
//
//	err := validate.Struct(user) // nil, or *validate.Failures with JSON Pointers
//
// Package typed judges every request in this way before its handler runs; for that
// nothing has to be called. A Validator with further rules goes into
// typed.Options.Validator:
//
//	v := validate.New(nil)
//	v.Register("sku", isSKU, `{"pattern": "^[A-Z]{3}-[0-9]{4}$"}`)
//
// What happens, in this order:
//
//  1. When an endpoint is registered, or Struct meets a type for the first time, the
//     tags of everything that the type reaches are audited. Start-up panics with all
//     mistakes: unknown tags, tags on kinds on which they panic, parameters that do not
//     parse, rules that can never run, tags that read the server's disk.
//  2. The rules become closures. They may say only "certainly valid".
//  3. What they do not vouch for goes to validator/v10, which alone says what is invalid.
//  4. Its errors become Failures: at most 100, each with a Go path, a JSON Pointer, the
//     rule, its parameter and a sentence; never a value or the name of a Go type.
//  5. Types with a Validate(ctx) error method are asked last, if all rules hold, the inner ones first.
//
// Which tags there are, what each means for zero values, and why some are refused is in
// docs/guide/validation.md.
package validate
