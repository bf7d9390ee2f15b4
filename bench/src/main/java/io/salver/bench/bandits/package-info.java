/** Bandits and ensembles on streams of real data, with small models trained from it here. */
@NullMarked
package io.salver.bench.bandits;

import org.jspecify.annotations.NullMarked;
