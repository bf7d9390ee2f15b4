/**
 * Models in stores: their versions are listed, downloaded into a cache on this machine, verified,
 * and only then said to be wanted.
 *
 * <p>Public face: {@code ModelSources}, a source for models wherever they are, with {@code
 * StoreOptions}, {@code S3Options} and {@code HttpOptions}.
 */
@NullMarked
package io.salver.source;

import org.jspecify.annotations.NullMarked;
