/**
 * Which model: identity, the wish for one, and where versions come from.
 *
 * <p>Public face: {@code ModelVersion}, {@code VersionSelector}, {@code ModelSource}, {@code
 * ModelLease}.
 */
@NullMarked
package io.salver.model;

import org.jspecify.annotations.NullMarked;
