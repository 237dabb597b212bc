// The library in one include: read data, fit a model, use it. The layers' own headers are public
// too; ARCHITECTURE.md is their map.
#pragma once

#include <diabolo/apps/fit.h>
#include <diabolo/apps/model.h>
#include <diabolo/data/columns.h>
#include <diabolo/data/read.h>
#include <diabolo/data/write.h>
