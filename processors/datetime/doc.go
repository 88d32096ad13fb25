// Package datetime has the calendar of the SQL dialect: Java's date patterns,
// time zones, and units of time. Dates are of the proleptic Gregorian calendar.
// It knows no clock, and has its own time zone data, for hosts without one.
//
// Stability: ours.
package datetime
