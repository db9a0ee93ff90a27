/* libyaml's events -> nodes. Private to yamldoc; the one user of yaml.h. */
#ifndef YAMLDOC_PARSE_H
#define YAMLDOC_PARSE_H

#include "yamldoc/document.h"

/* Fills document->root from document->text, which prescan_document() has accepted. */
bool parse_document(struct document *document, struct error *error);

#endif
