/**
 * JSON between bytes and tensor memory, in one pass each way, with no tree of objects in between.
 *
 * <p>Public face: {@code JsonReader}, {@code JsonTensorReader}, {@code JsonWriter}, {@code
 * JsonTensorWriter}.
 */
@NullMarked
package io.salver.server.json;

import org.jspecify.annotations.NullMarked;
