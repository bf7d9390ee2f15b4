package io.salver.engine.java;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.util.Optional;

/**
 * Runs models that are written in Java, each version in a class loader of its own, so that a new
 * version brings new classes and an old one leaves none behind.
 *
 * <p>A version directory is a Java model if one of its jars names a class in {@code
 * META-INF/services/io.salver.engine.Model}. All jars in the directory, and no others, are on the
 * model's class path; of the server it sees what a model is written against, and nothing else.
 *
 * <p>The code runs in the server's own process: it can end or exhaust it.
 */
public final class JavaEngine implements Engine {
  /** What is reserved for a model's classes and objects beside the size of its files. */
  private static final long CLASSES_BYTES = 4 << 20;

  /** An engine that has loaded nothing yet. */
  public JavaEngine() {}

  @Override
  public String name() {
    return "java";
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    try {
      return ModelJars.find(files).isPresent()
          ? new Inspection.Ready(memoryBoundBytes(files))
          : new Inspection.NotMine();
    } catch (ModelLoadException e) {
      return new Inspection.Incomplete(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Inspection.Incomplete(files + ": " + e);
    }
  }

  private static long memoryBoundBytes(ModelFiles files) throws IOException {
    return files.sizeBytes() + CLASSES_BYTES;
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    Optional<ModelJars> found = ModelJars.find(files);
    if (found.isEmpty()) {
      throw new ModelLoadException(
          "directory: " + files + " (expected: a jar with " + ModelJars.SERVICE + ")");
    }
    ModelJars jars = found.get();
    ModelClassLoader classes = new ModelClassLoader(files.toString(), jars.urls());
    try {
      return JavaModel.load(classes, jars, files, memoryBoundBytes(files));
    } catch (IOException e) {
      throw failed(classes, new ModelLoadException(files + ": " + e, e));
    } catch (ModelLoadException e) {
      throw failed(classes, e);
    }
  }

  private static ModelLoadException failed(ModelClassLoader classes, ModelLoadException failure) {
    try {
      classes.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /** Nothing is shared between models. */
  @Override
  public void close() {}
}
