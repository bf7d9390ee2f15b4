/**
 * The food-delivery ETA model: data, training, evaluation and export.
 *
 * <p>Public face: {@code Order}, {@code EtaModel}, {@code EtaVersions}.
 */
@NullMarked
package io.salver.examples.eta;

import org.jspecify.annotations.NullMarked;
