package client_test

import (
	"context"
	"fmt"
	"strconv"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

type Price struct {
	Cents int `json:"cents"`
}

type WatchPrices struct {
	After string `header:"Last-Event-ID"`
}

var watchPrices = typed.Get[WatchPrices, typed.Events[Price]]("/prices")

func newPrices() *typed.API {
	api := typed.New("Prices", "1.0.0", nil)
	watchPrices.Handle(api, func(_ context.Context, in WatchPrices, res *typed.Response[typed.Events[Price]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[Price], error) bool) {
			last, _ := strconv.Atoi(in.After)
			for n := last + 1; yield(typed.Event[Price]{ID: strconv.Itoa(n), Data: Price{100 * n}}, nil); n++ {
			}
		})
	})
	return api
}

// A stream is looped over; leaving the loop closes the connection.
func ExampleCall_events() {
	prices, err := client.Call(context.Background(), client.Local(newPrices()), watchPrices, WatchPrices{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for event, err := range prices {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event.ID, event.Data.Cents)
		if event.Data.Cents == 200 {
			break
		}
	}
	// Output:
	// 1 100
	// 2 200
}

// Follow connects again where a stream ends or breaks, and goes on after the last event.
func ExampleFollow() {
	for event, err := range client.Follow(context.Background(), client.Local(newPrices()), watchPrices, WatchPrices{After: "7"}) {
		fmt.Println(event.ID, event.Data.Cents, err)
		break
	}
	// Output:
	// 8 800 <nil>
}
