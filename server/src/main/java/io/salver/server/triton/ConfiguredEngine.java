package io.salver.server.triton;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.ForwardingEngine;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.server.oip.proto.ModelConfig;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An engine that loads a model as the {@code config.pbtxt} beside its versions says.
 *
 * <p>Where there is no such file it is the engine it wraps. A model that the file does not fit, or
 * of which it asks for what Salver does not do, is refused. What asks for nothing but speed and is
 * not supported is left out, with a warning, once.
 */
public final class ConfiguredEngine extends ForwardingEngine {
  private static final Logger LOG = System.getLogger(ConfiguredEngine.class.getName());

  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  /** Wraps {@code engine}, and closes it when it is closed itself. */
  public ConfiguredEngine(Engine engine) {
    super(engine);
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    Path directory = files.directory().getParent();
    Optional<TritonConfig> config =
        directory == null ? Optional.empty() : TritonConfig.read(directory);
    if (directory == null || config.isEmpty()) {
      return engine().load(files, options);
    }
    try {
      return load(files, options, directory, config.get());
    } catch (ConfigProblem e) {
      throw new ModelLoadException(
          directory.resolve(TritonConfig.FILE_NAME) + ": " + e.getMessage(), e);
    }
  }

  private LoadedModel load(
      ModelFiles files, EngineOptions options, Path directory, TritonConfig config)
      throws ModelLoadException, ConfigProblem {
    ModelConfig message = config.message();
    check(message, directory, files);
    Map<String, byte[]> labels = Labels.read(message, directory);
    for (String part : UnsupportedParts.withoutEffect(message)) {
      if (warned.add(directory + "\n" + part)) {
        LOG.log(
            Level.WARNING,
            "{0} in {1} is not supported and without effect",
            part,
            directory.resolve(TritonConfig.FILE_NAME));
      }
    }
    LoadedModel model = engine().load(files, options);
    try {
      ConfigRules.check(message, model.defaultSignature());
    } catch (ConfigProblem | RuntimeException e) {
      model.close();
      throw e;
    }
    return new ConfiguredModel(model, message.toByteArray(), labels);
  }

  private void check(ModelConfig config, Path directory, ModelFiles files) throws ConfigProblem {
    String directoryName = String.valueOf(directory.getFileName());
    if (!config.getName().isEmpty() && !config.getName().equals(directoryName)) {
      throw new ConfigProblem(
          "name: \""
              + config.getName()
              + "\" (expected: \""
              + directoryName
              + "\", as its directory, or none)");
    }
    UnsupportedParts.refuse(config);
    ConfigRules.check(config);
    Platforms.check(config, name());
    if (!config.getDefaultModelFilename().isEmpty()) {
      checkFile(config.getDefaultModelFilename(), files);
    }
  }

  /** The engine finds its file by itself: the name has to be of the one that it finds. */
  private static void checkFile(String name, ModelFiles files) throws ConfigProblem {
    int dot = name.lastIndexOf('.');
    String ending = dot < 0 ? name : name.substring(dot);
    try (Stream<Path> all = Files.list(files.directory())) {
      Set<String> candidates =
          all.map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(ending))
              .collect(Collectors.toUnmodifiableSet());
      boolean usual = name.equals("model" + ending) || name.equals("saved_model.pb");
      if (!candidates.contains(name) && !name.equals("model.savedmodel")
          || candidates.size() > 1 && !usual) {
        throw new ConfigProblem(
            "default_model_filename: \""
                + name
                + "\" (expected: the model's file in "
                + files.directory()
                + ", alone of its kind or called model"
                + ending
                + ")");
      }
    } catch (IOException e) {
      throw new ConfigProblem("default_model_filename: " + files.directory() + ": " + e);
    }
  }
}
