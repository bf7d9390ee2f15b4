package io.salver.cli;

import io.salver.cli.config.EnginesConfig;
import io.salver.cli.config.LibrariesConfig;
import io.salver.engine.Engine;
import io.salver.engine.java.JavaEngine;
import io.salver.engine.oip.OipProtocol;
import io.salver.engine.onnx.OnnxEngine;
import io.salver.engine.placement.PlacedEngine;
import io.salver.engine.pmml.PmmlEngine;
import io.salver.engine.process.IsolatedEngine;
import io.salver.engine.process.ProcessEngine;
import io.salver.engine.tensorflow.TensorFlowEngine;
import io.salver.engine.tflite.TfliteEngine;
import io.salver.engine.trees.TreesEngine;
import io.salver.server.triton.ConfiguredEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The engines of a server, in the order in which they are asked whether a version is theirs.
 *
 * @param all each loads a version as its own {@code model.yaml} and {@code config.pbtxt} say
 * @param names those that a configuration may name
 */
record Engines(List<Engine> all, Set<String> names) {
  /**
   * Engines that have loaded nothing yet.
   *
   * @throws StartException if a plug-in cannot be opened
   */
  static Engines create(EnginesConfig config) {
    List<Engine> engines = new ArrayList<>();
    EngineHost host = new EngineHost(Plugins.directory(config), config.libraries());
    for (Engine engine : inProcess(config)) {
      engines.add(new IsolatedEngine(engine, DeclaredWorkers::isolated, host));
    }
    engines.add(
        new PlacedEngine(
            new ProcessEngine(
                DeclaredWorkers::serving, Map.of(OipProtocol.NAME, new OipProtocol()))));
    List<Engine> all = new ArrayList<>();
    all.add(UnservedEngine.ofPointers());
    engines.forEach(engine -> all.add(new ConfiguredEngine(new DeclaredEngine(engine))));
    all.add(UnservedEngine.ofOtherFormats());
    return new Engines(
        List.copyOf(all),
        engines.stream().map(Engine::name).collect(Collectors.toUnmodifiableSet()));
  }

  /** Those that run models in the process that they are made in. */
  private static List<Engine> inProcess(EnginesConfig config) {
    List<Engine> engines = new ArrayList<>();
    engines.addAll(
        List.of(
            new OnnxEngine(config.libraries().onnxruntime()),
            new TensorFlowEngine(config.libraries().tensorflow()),
            new JavaEngine(),
            new TfliteEngine(config.libraries().tfliteDelegates()),
            new TreesEngine(),
            new PmmlEngine()));
    engines.addAll(Plugins.engines(config));
    return engines.stream().<Engine>map(PlacedEngine::new).toList();
  }

  /** One that runs models in this process, by its name. */
  static Optional<Engine> inProcess(String name, LibrariesConfig libraries) {
    return inProcess(EnginesConfig.DEFAULT.withLibraries(libraries)).stream()
        .filter(engine -> engine.name().equals(name))
        .findFirst();
  }
}
