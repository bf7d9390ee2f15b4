package io.salver.engine.java;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.engine.Model;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model of an author's own, whose every failure is its own and no more than a failed request. */
final class JavaModel implements LoadedModel {
  private static final Logger LOG = System.getLogger(JavaModel.class.getName());

  private final ModelClassLoader classes;
  private final Model model;
  private final String name;
  private final Map<String, Signature> signatures;
  private final boolean concurrent;
  private final long memoryBytes;

  private JavaModel(
      ModelClassLoader classes, Model model, Map<String, Signature> signatures, long memoryBytes) {
    this.classes = classes;
    this.model = model;
    this.name = model.getClass().getName();
    this.signatures = signatures;
    this.concurrent = model.isConcurrent();
    this.memoryBytes = memoryBytes;
  }

  /**
   * Makes the model's object and has it loaded.
   *
   * @throws ModelLoadException if the class is not there, is not a model, or fails; the caller
   *     closes {@code classes}
   */
  static JavaModel load(
      ModelClassLoader classes, ModelJars jars, ModelFiles files, long memoryBytes)
      throws ModelLoadException {
    String what = jars.named() + ": " + jars.className();
    Model model = create(classes, jars.className(), what);
    try {
      return inItsContext(
          classes,
          () -> {
            model.load(files);
            return new JavaModel(classes, model, checked(model.signatures(), what), memoryBytes);
          });
    } catch (ModelLoadException e) {
      throw closed(model, what, e);
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
      throw closed(model, what, new ModelLoadException(what + " failed to load: " + e, e));
    }
  }

  private static Model create(ModelClassLoader classes, String className, String what)
      throws ModelLoadException {
    try {
      Class<?> found = Class.forName(className, false, classes);
      if (!Model.class.isAssignableFrom(found)) {
        throw new ModelLoadException(
            what + " (expected: a class that implements " + Model.class + ")");
      }
      return (Model) inItsContext(classes, () -> found.getConstructor().newInstance());
    } catch (ClassNotFoundException e) {
      throw new ModelLoadException(what + " (expected: a class that is in the jars)", e);
    } catch (NoSuchMethodException e) {
      throw new ModelLoadException(
          what + " (expected: a public constructor without parameters)", e);
    } catch (InvocationTargetException e) {
      throw new ModelLoadException(what + " failed to be made: " + e.getCause(), e);
    } catch (ModelLoadException e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
      throw new ModelLoadException(what + " failed to be made: " + e, e);
    }
  }

  private static Map<String, Signature> checked(
      @Nullable Map<String, Signature> signatures, String what) throws ModelLoadException {
    if (signatures == null || signatures.isEmpty()) {
      throw new ModelLoadException(
          what + ": signatures: " + signatures + " (expected: at least one)");
    }
    return Collections.unmodifiableMap(new LinkedHashMap<>(signatures));
  }

  private static ModelLoadException closed(Model model, String what, ModelLoadException failure) {
    try {
      model.close();
    } catch (Exception | LinkageError | StackOverflowError e) {
      LOG.log(Level.WARNING, what + " failed to close", e);
    }
    return failure;
  }

  private interface Action<T> {
    T run() throws Exception;
  }

  /** Libraries that a model brings look for their classes by the thread. */
  private static <T> T inItsContext(ClassLoader classes, Action<T> action) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(classes);
    try {
      return action.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Where its classes come from; for tests that nothing is left behind. */
  ModelClassLoader classes() {
    return classes;
  }

  @Override
  public Map<String, Signature> signatures() {
    return signatures;
  }

  @Override
  public boolean isConcurrent() {
    return concurrent;
  }

  @Override
  public void run(Batch batch) {
    try {
      inItsContext(
          classes,
          () -> {
            model.run(batch);
            return model;
          });
    } catch (ServingException | MemoryLimitException e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError | AssertionError e) {
      throw new ServingException(Category.INTERNAL, "model " + name + ": " + e, e);
    }
    checkOutputs(batch);
  }

  private void checkOutputs(Batch batch) {
    for (int i = 0; i < batch.signature().outputs().size(); i++) {
      TensorSpec spec = batch.signature().outputs().get(i);
      if (batch.wants(i)) {
        Tensor output = batch.isSet(i) ? batch.output(i) : null;
        if (output == null || output.dtype() != spec.dtype()) {
          throw new ServingException(
              Category.INTERNAL,
              "model %s: output \"%s\": %s (expected: %s)"
                  .formatted(
                      name,
                      spec.name(),
                      output == null ? "not set" : output.dtype(),
                      spec.dtype()));
        }
      }
    }
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public void close() {
    try {
      inItsContext(
          classes,
          () -> {
            model.close();
            return model;
          });
    } catch (Exception | LinkageError | StackOverflowError e) {
      LOG.log(Level.WARNING, "model " + name + " failed to close", e);
    }
    try {
      classes.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "jars of model " + name, e);
    }
  }
}
