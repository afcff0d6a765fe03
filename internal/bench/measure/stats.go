package measure

import "slices"

// Spread is what many rounds of one ratio came to.
type Spread struct {
	Low, Median, High float64 // quartiles: a single bad round moves none of them
}

// Summary returns quartiles; it panics without values.
func Summary(values []float64) Spread {
	v := slices.Sorted(slices.Values(values))
	return Spread{quantile(v, 0.25), quantile(v, 0.5), quantile(v, 0.75)}
}

func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
