// Package rules runs validator/v10, made safe and fast. Package validate is its public
// face; package typed judges requests with it, and the schemas of the document are made
// from the same model of the tags.
//
//	v := rules.New(nil)
//	checker, faults := v.Compile(reflect.TypeFor[NewUser]()) // at start-up
//	err := checker.Check(ctx, &user)                         // nil, *Failures, or an error of ours
//
// What happens, in this order:
//
//  1. Compile audits the tags of everything that the type reaches and returns all
//     mistakes: unknown tags, tags on kinds on which they panic, parameters that do not
//     parse, rules that can never run, tags that read the server's disk.
//  2. Compile turns the rules into closures. They may say only "certainly valid".
//  3. Check asks them. What they do not vouch for goes to validator/v10, which alone
//     says what is invalid.
//  4. Its errors become Failures: at most 100, each with a Go path, a JSON Pointer, the
//     rule, its parameter and a sentence; never a value or the name of a Go type.
//  5. Types with a Validate(ctx) error method are asked last, if all rules hold, the inner ones first.
//
// A panic of validator on a client's value is recovered, reported and answered as a
// Failure. A panic in the program's functions is returned as a *PanicError.
//
// Which tags there are, what each means for zero values, and why some are refused is in
// docs/guide/validation.md.
package rules
