package api

import "parallax/server/resource"

// paging are the parameters of a list.
var paging = []string{"after", "limit"}

// all is a list that is answered whole.
func all[T any](items []T, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return ok(page(items, "")), nil
}

// page is a part of a list, which is never null.
func page[T any](items []T, next string) resource.Page[T] {
	if items == nil {
		items = []T{}
	}
	return resource.Page[T]{Items: items, Next: next}
}

// part answers the part of a list that a request asks for. Next is the id of its last item, so
// that a list that grows at its front continues where it was.
func part[T any](r *request, items []T, err error, id func(T) string) (*answer, error) {
	if err != nil {
		return nil, err
	}
	limit, err := r.limit()
	if err != nil {
		return nil, err
	}
	after, err := r.text("after")
	if err != nil {
		return nil, err
	}
	from := 0
	if after != "" {
		if from = 1 + indexOf(items, after, id); from == 0 {
			return nil, badRequest("invalid parameter", "after: "+short(after)+" is not in the list any more", "begin without after")
		}
	}
	items = items[from:]
	if len(items) <= limit {
		return ok(page(items, "")), nil
	}
	return ok(page(items[:limit], id(items[limit-1]))), nil
}

func indexOf[T any](items []T, wanted string, id func(T) string) int {
	for i, item := range items {
		if id(item) == wanted {
			return i
		}
	}
	return -1
}
