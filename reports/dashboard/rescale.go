package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// rescaleMost limits the time of a rescaling: V2 finishes its batches, and its state moves.
const rescaleMost = time.Minute

// rescale serves POST /v2/rescale?partitions=N, which replaces V2 while it runs. It is the
// only request that changes a run, so it is answered only for programs on this machine,
// for any listen address, and never for a browser's page.
func rescale(f func(ctx context.Context, partitions int) (string, error)) http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fromHere(r) {
			http.Error(w, "rescaling is allowed only from this machine, with a loopback address or localhost as host", http.StatusForbidden)
			return
		}
		text := r.URL.Query().Get("partitions")
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			http.Error(w, fmt.Sprintf("partitions: %q must be a number greater than 0", text), http.StatusBadRequest)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), rescaleMost)
		defer cancel()
		processor, err := f(ctx, n)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"processor": processor}) // an error means that the client has disconnected
	}))
}

// fromHere reports whether a request comes from this machine and addresses it by a local
// name; a page whose host name was pointed here (DNS rebinding) does not.
func fromHere(r *http.Request) bool {
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !net.ParseIP(from).IsLoopback() {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
