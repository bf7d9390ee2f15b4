package io.salver.cli;

import io.salver.engine.Engine;
import io.salver.engine.java.JavaEngine;
import io.salver.engine.onnx.OnnxEngine;
import io.salver.engine.tensorflow.TensorFlowEngine;
import io.salver.engine.tflite.TfliteEngine;
import io.salver.engine.trees.TreesEngine;
import java.util.List;
import java.util.Optional;

/** The engines that there are. */
final class Engines {
  private Engines() {}

  /** Those that run models in this process, in the order in which they are asked. */
  static List<Engine> inProcess() {
    return List.of(
        new OnnxEngine(),
        new TensorFlowEngine(),
        new JavaEngine(),
        new TfliteEngine(),
        new TreesEngine());
  }

  /** One of them by its name. */
  static Optional<Engine> byName(String name) {
    return inProcess().stream().filter(engine -> engine.name().equals(name)).findFirst();
  }
}
