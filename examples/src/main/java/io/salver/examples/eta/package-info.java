/**
 * The models of food deliveries: data, training, evaluation and export.
 *
 * <p>Public face: {@code EtaModel}, {@code EtaVersions}, {@code LateModel}, {@code Order}.
 */
@NullMarked
package io.salver.examples.eta;

import org.jspecify.annotations.NullMarked;
