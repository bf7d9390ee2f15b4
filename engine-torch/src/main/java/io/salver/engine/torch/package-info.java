/**
 * TorchScript models, by libtorch. A plug-in: see {@code docs/how-to/torchscript.md}.
 *
 * <p>Public face: {@code TorchEngine}.
 */
@NullMarked
package io.salver.engine.torch;

import org.jspecify.annotations.NullMarked;
