// Package api is the HTTP API of the job server: routes over resource.Service, answers as
// JSON, errors as problem documents (RFC 9457), and the OpenAPI document that describes them.
// It does not decide who may call: package access does.
//
// Stability: ours.
package api
