/**
 * Runs PMML models (3.2 to 4.4) by an evaluator of its own, compiled from the file at load.
 *
 * <p>Public face: {@code PmmlEngine}. {@code XmlReader} reads the file into elements; {@code
 * ModelCompiler} and its helpers turn them into a {@code Program} over the numbered values of a
 * {@code Row}, which {@code PmmlModel} runs row by row.
 */
@NullMarked
package io.salver.engine.pmml;

import org.jspecify.annotations.NullMarked;
