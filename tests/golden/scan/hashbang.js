#!/usr/bin/env node import("no")
import "x"; import "y" // c import "z"
