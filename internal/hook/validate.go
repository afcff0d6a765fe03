package hook

// Rules is the *rules.Validator behind a *validate.Validator. Both are any, because this
// package imports nothing. Package validate sets it.
var Rules func(public any) (rules any)
