package api

import (
	"net/http"
	"time"

	"parallax/server/resource"
	"parallax/server/throttle"
)

// profileWithin limits the time of a profile.
const profileWithin = 10 * time.Minute

// profile serves one of Go's profiles, whose samples are labelled path=v1|v2|diff|emit.
func profile(f http.HandlerFunc) func(*API, http.ResponseWriter, *http.Request) {
	return func(a *API, w http.ResponseWriter, r *http.Request) {
		release, ok := a.profiles.Take()
		if !ok {
			a.fail(w, r, resource.NewProblem(http.StatusTooManyRequests, "too many profiles", "as many profiles as may be are in progress", "try again later"))
			return
		}
		defer release()
		throttle.LimitWriting(w, profileWithin)
		f(w, r)
	}
}
