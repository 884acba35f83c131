/* ^C and SIGTERM ask the training loop to stop: it finishes the step, writes its checkpoint and reports. A second one
 * kills the process at once. */
#ifndef DT_RUN_INTERRUPT_H
#define DT_RUN_INTERRUPT_H

/* Installs the handlers, and forgets an earlier interrupt. A signal that was ignored before (nohup, a background job)
 * stays ignored. */
void dt_interrupt_begin(void);

/* 0, or the number of the signal that came (SIGINT, SIGTERM) since dt_interrupt_begin. */
int dt_interrupted(void);

/* Puts the former handlers back; dt_interrupted keeps its answer. */
void dt_interrupt_end(void);

#endif
