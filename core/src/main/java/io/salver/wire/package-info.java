/**
 * The protocol-buffers wire format, read and written in place: no message objects, no allocation.
 *
 * <p>For the few messages that are on the hot path or whose tensors go straight to memory, and for
 * the model files that are such messages. Everything else uses generated classes.
 *
 * <p>The text format is read by {@code TextMessage}, for configuration and model files in it.
 *
 * <p>Public face: {@code ProtoReader}, {@code ProtoWriter}, {@code ProtoEncoder}, {@code
 * TextMessage}, {@code WireFormatException}.
 */
@NullMarked
package io.salver.wire;

import org.jspecify.annotations.NullMarked;
