/** Benchmarks: what the parts of the data plane cost, and helpers of the load test. Not shipped. */
@NullMarked
package io.salver.bench;

import org.jspecify.annotations.NullMarked;
